"""The centre: takes alarms in, shows them to operators and answers the buttons."""
