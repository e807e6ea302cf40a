-- At each start, before the first conversion comes. While the product runs, the route add-days does the same.
select add_days(14);
