-- Removes keys of a build, unless readers see it or an entry has moved.
--
-- KEYS: the ledger's hash, and that of what is published.
-- ARGV: three lists, each after its length: what entries must stand at (key, value,
-- ...), the tables and what the build calls them (table, name, ...), the keys.
local at = 0
local function word()
	at = at + 1
	return ARGV[at]
end
local function list()
	local l = {}
	for i = 1, tonumber(word()) do
		l[i] = word()
	end
	return l
end

local expect, tables, keys = list(), list(), list()
for i = 1, #expect, 2 do
	if (redis.call('HGET', KEYS[1], expect[i]) or '') ~= expect[i + 1] then
		return {'moved', 0, expect[i]}
	end
end
for i = 1, #tables, 2 do
	if redis.call('HGET', KEYS[2], tables[i]) == tables[i + 1] then
		return {'published', 0, tables[i]}
	end
end
for _, key in ipairs(keys) do
	redis.call('UNLINK', key)
end
return {'done', 0, ''}
