-- Makes a change, and runs the commands of a transaction with it, or does nothing.
--
-- KEYS: the ledger's hash and its index.
-- ARGV: what entries must stand at (a list of key, value, ...), then the number of
-- commands, and each command as a list. A list is its length and its elements.
--
-- Redis does not take anything back when a command of a script or of a MULTI fails.
-- So what a command is about to overwrite is kept until all have run. The last one
-- needs no such care: a command that fails has changed nothing itself.
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

local expect = list()
redis.call('ZCARD', KEYS[2])
for i = 1, #expect, 2 do
	if (redis.call('HGET', KEYS[1], expect[i]) or '') ~= expect[i + 1] then
		return {'moved', 0, expect[i]}
	end
end

local undo, whole, seen = {}, {}, {}

-- all keeps a whole key as it is.
local function all(key)
	if whole[key] then return end
	whole[key] = true
	local dump = redis.call('DUMP', key)
	local ttl = redis.call('PTTL', key)
	undo[#undo + 1] = function()
		redis.call('DEL', key)
		if dump then
			redis.call('RESTORE', key, ttl < 0 and 0 or math.max(ttl, 1), dump)
		end
	end
end

-- The commands whose effect is on some elements of their key: what kind of key, where
-- in the command these elements are named, and at what distance (none: only there).
-- Naming one too many does no harm.
local elements = {
	hset = {'hash', 3, 2}, hmset = {'hash', 3, 2}, hsetnx = {'hash', 3},
	hincrby = {'hash', 3}, hincrbyfloat = {'hash', 3}, hdel = {'hash', 3, 1},
	sadd = {'set', 3, 1}, srem = {'set', 3, 1},
	zadd = {'zset', 3, 1}, zincrby = {'zset', 4}, zrem = {'zset', 3, 1},
}
local reads = {hash = 'HGET', set = 'SISMEMBER', zset = 'ZSCORE'}
local puts = {
	hash = function(key, e, old) redis.call('HSET', key, e, old) end,
	set = function(key, e) redis.call('SADD', key, e) end,
	zset = function(key, e, old) redis.call('ZADD', key, old, e) end,
}
local drops = {hash = 'HDEL', set = 'SREM', zset = 'ZREM'}

-- lifetime keeps when a key ends: it is lost with the key's last element.
local function lifetime(key)
	seen[key] = {}
	local ttl = redis.call('PTTL', key)
	undo[#undo + 1] = function()
		if ttl >= 0 then redis.call('PEXPIRE', key, math.max(ttl, 1)) end
	end
end

local function element(kind, key, e)
	if not e or seen[key][e] then return end
	seen[key][e] = true
	local old = redis.call(reads[kind], key, e)
	undo[#undo + 1] = function()
		if old and old ~= 0 then
			puts[kind](key, e, old)
		else
			redis.call(drops[kind], key, e)
		end
	end
end

local function some(command, kind, first, step)
	local key = command[2]
	if not key or whole[key] then return end
	if not seen[key] then -- what changes its kind later keeps all of it
		if redis.call('TYPE', key).ok ~= kind then return all(key) end
		lifetime(key)
	end
	for i = first, step and #command or first, step or 1 do
		element(kind, key, command[i])
	end
end

-- keep keeps what a command is about to change.
local function keep(command)
	local e = elements[string.lower(command[1])]
	if e then return some(command, unpack(e)) end
	local keys = redis.pcall('COMMAND', 'GETKEYS', unpack(command))
	if not keys.err then
		for _, key in ipairs(keys) do all(key) end
	elseif not (string.find(keys.err, 'no key arguments') or string.find(keys.err, 'Invalid')) then
		error(keys)
	end
end

-- back undoes everything, the latest first, and says whether that went well.
local function back()
	local trouble
	for i = #undo, 1, -1 do
		local ok, err = pcall(undo[i])
		if not ok then trouble = type(err) == 'table' and err.err or tostring(err) end
	end
	return trouble
end

local function run(command)
	local r = redis.pcall(unpack(command))
	if type(r) == 'table' and r.err then error(r) end
end

local n = tonumber(word())
for i = 1, n do
	local command = list()
	local before, ok, err = #undo, true, nil
	if i < n then ok, err = pcall(keep, command) end
	if ok then ok, err = pcall(run, command) end
	if not ok then
		while #undo > before do table.remove(undo) end
		err = type(err) == 'table' and err.err or tostring(err)
		local trouble = back()
		if trouble then return {'torn', i, err, trouble} end
		return {'failed', i, err}
	end
end
return {'done', 0, ''}
