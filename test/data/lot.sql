-- The random numbers of splits: the splitmix64 of the seed, the user's number and the item's number, as in kernel/random.c,
-- with numbers below 2^64 and multiplication modulo 2^64.
CREATE FUNCTION shifted(x numeric, bits int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$ SELECT div(x, 2::numeric ^ bits) $$;
CREATE FUNCTION signed(x numeric) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (CASE WHEN x >= 9223372036854775808 THEN x - 18446744073709551616 ELSE x END)::bigint $$;
CREATE FUNCTION mixed(x numeric, bits int) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN y < 0 THEN y + 18446744073709551616 ELSE y END FROM (SELECT (signed(x) # signed(shifted(x, bits)))::numeric AS y) t $$;
CREATE FUNCTION lot(seed numeric, user_number bigint, item_number bigint) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
	SELECT mixed(mixed(mixed((seed + (user_number * 4294967296::numeric + item_number + 1) * 11400714819323198485) % 18446744073709551616,
		30) * 13787848793156543929 % 18446744073709551616, 27)
				 * 10723151780598845931 % 18446744073709551616, 31) $$;
