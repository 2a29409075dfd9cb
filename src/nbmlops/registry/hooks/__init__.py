"""Telling others of events once they stand: functions in this process, and webhooks."""
