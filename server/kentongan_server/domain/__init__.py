"""What an incident is and how it moves: tables and functions without I/O."""
