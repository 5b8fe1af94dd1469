"""What the centre does: intake, operating, notifying."""
