package io.sqlmq.engine.upkeep;

import io.sqlmq.engine.channel.Channel;
import io.sqlmq.engine.channel.Listening;
import io.sqlmq.engine.channel.Looks;
import io.sqlmq.engine.channel.Upkeep;
import io.sqlmq.engine.channel.Wakeups;
import io.sqlmq.engine.jdbc.Database;
import io.sqlmq.engine.jdbc.ListenState;

/** What follows from what the rest of the engine tells. While nobody consumes, nothing runs. */
public final class Maintenance implements Upkeep {

    private final Database database;
    private final ListenState listenState;
    private final Listening listening;
    private final Looks looks;
    private final Registrations registrations;
    private final Wakeups wakeups;
    private final FloorRaising floors;
    private final LeaseRenewal leases;
    private final Timetable timetable;

    public Maintenance(
            Database database,
            ListenState listenState,
            Listening listening,
            Looks looks,
            Registrations registrations,
            Wakeups wakeups,
            FloorRaising floors,
            LeaseRenewal leases,
            Timetable timetable) {
        this.database = database;
        this.listenState = listenState;
        this.listening = listening;
        this.looks = looks;
        this.registrations = registrations;
        this.wakeups = wakeups;
        this.floors = floors;
        this.leases = leases;
        this.timetable = timetable;
    }

    @Override
    public void start() {
        timetable.start();
    }

    @Override
    public void alive() {
        if (!database.isClosed()) {
            listening.start();
            start();
        }
    }

    @Override
    public void leasing() {
        if (!database.isClosed()) {
            listening.start();
        }
    }

    @Override
    public void waiting(Channel channel) {
        if (database.isClosed()) {
            return;
        }
        alive();
        if (!channel.isRegistered() && listenState.isListening()) {
            registrations.register(); // which looks when that is done
        } else if (channel.isNextUnknown()) {
            looks.want(channel);
        }
    }

    @Override
    public void moved() {
        start(); // where others are just writing, raising floors takes more than one step
        floors.start();
    }

    @Override
    public void branchEnded() {
        floors.branchEnded();
    }

    @Override
    public void renewLeases() {
        leases.start();
    }

    @Override
    public void listening(boolean now) {
        registrations.listening(now);
        wakeups.restrictionsChanged();
    }
}
