"""今日: what to do now, and what I did."""
