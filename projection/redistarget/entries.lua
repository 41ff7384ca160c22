-- The entries under a prefix, in order: key, value, ...
-- KEYS: the ledger's hash and its index. ARGV: the prefix.
local from, to = '-', '+'
if ARGV[1] ~= '' then
	from, to = '[' .. ARGV[1], '(' .. ARGV[1] .. '\255'
end
local found = {}
for _, key in ipairs(redis.call('ZRANGEBYLEX', KEYS[2], from, to)) do
	found[#found + 1] = key
	found[#found + 1] = redis.call('HGET', KEYS[1], key) or ''
end
return found
