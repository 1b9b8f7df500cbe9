"""What happens inside a trained network."""
