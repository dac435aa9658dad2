"""What all pages share: layout, parts, built assets, headers, errors."""
