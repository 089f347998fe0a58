"""The HTML that readers see, made from records: pure functions from data to markup."""
