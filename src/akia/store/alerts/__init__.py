"""What alerts need remembered: the state of each rule, the alerts, the messages that wait to be sent."""
