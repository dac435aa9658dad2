"""What several tests share: throw-away databases, the world they are filled with, and real servers."""
