"""What every room may know: metric and points, intervals, places of files, the machine."""
