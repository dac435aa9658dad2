"""Mail: what people are told by it, written once, handed over and never lost on the way."""
