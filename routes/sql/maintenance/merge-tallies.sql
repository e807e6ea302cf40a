-- Adds up the tallies that statements have written. Returns how many changes there were.
select merge_tallies() as changes
