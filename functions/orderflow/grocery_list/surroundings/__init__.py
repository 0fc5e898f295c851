"""Takes out what stands around the items of a list: addresses, telephones, days, people, frames."""
