"""What readers see of records, as HTML: pure functions, from data to markup."""
