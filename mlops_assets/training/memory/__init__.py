"""What earlier trainings teach about the next: which families did best on rows like these."""
