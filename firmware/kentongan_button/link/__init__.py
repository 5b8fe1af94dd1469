"""Ways from the button to a gateway."""
