-- Of the application's own Flyway: must not be run by ours.
SELECT of_the_application();
