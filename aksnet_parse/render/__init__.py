"""Ways to show an analysis. Nothing in here decides anything."""
