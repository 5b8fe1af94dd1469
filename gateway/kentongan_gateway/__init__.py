"""The gateway of a site: keeps every press until the centre has it."""
