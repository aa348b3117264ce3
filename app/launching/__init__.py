"""What comes before the window: Chinese input, one window a data folder, bad starts, reports of crashes. No Qt."""
