# Runs a PostgreSQL server for as long as the JVM that started this script lives: the JVM holds the other end of standard
# input, which the operating system closes when the JVM ends, however it ends.
#
# usage: watchdog.sh <control directory> <signal that stops the server> <command of the server…>
control=$1
signal=$2
shift 2
trap '' HUP INT TERM
exec 3<&0

"$@" </dev/null >>"$control/server.log" 2>&1 3<&- &
server=$!
echo "$server" >"$control/pid.new"
mv "$control/pid.new" "$control/pid"

(
  read -r ignored <&3
  [ -e "$control/exit" ] || kill -s "$signal" "$server"
) &

wait "$server"
echo "$?" >"$control/exit.new"
mv "$control/exit.new" "$control/exit"
# If the server ended by itself its log stays until the JVM has read it.
wait
rm -rf "$control"
