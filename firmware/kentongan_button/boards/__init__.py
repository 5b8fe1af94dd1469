"""Pin maps, one a variant of the board: plain constants, the single source for the hardware room."""
