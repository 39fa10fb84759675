-- Compares the store with what a poller remembers of it, and begins a new history where the store
-- is behind: what was claimed since is then unknown, so no task that waits now may be sent any more.
-- KEYS: history, sequence, pollers
-- ARGV: history and claims that are remembered ('' and 0: none), an id for a new history, the poller's
--       name, how long (ms) the other pollers have to compare theirs
-- Returns history, claims, the last sequence number that may not be sent, 1 if a history was begun
-- because the store is behind.

local history, sequence, pollers = unpack(KEYS)
local remembered, claims, fresh, poller, patience = unpack(ARGV)
local run = this_run()

local id = redis.call('HGET', history, 'id')
local known = redis.call('HEXISTS', history, 'closed:' .. remembered) == 1
local behind = remembered ~= ''
  and not known
  and (remembered ~= id or tonumber(redis.call('HGET', history, 'claims')) < tonumber(claims))
if behind then
  -- Another poller may remember either of them: for it, this has been dealt with.
  redis.call('HSET', history, 'closed:' .. remembered, 1)
  if id then
    redis.call('HSET', history, 'closed:' .. id, 1)
  end
end
if behind or not id then
  local before = behind and redis.call('GET', sequence) or '0'
  redis.call('HSET', history, 'id', fresh, 'claims', 0, 'before', before or '0')
end

-- Another run of the server may have lost what the one before acknowledged. Each poller knows its
-- own claims best: none claims before all have had the time to compare.
if redis.call('HGET', history, 'run') ~= run then
  local others = redis.call('ZCARD', pollers)
  if redis.call('ZSCORE', pollers, poller) then
    others = others - 1
  end
  local wait = others > 0 and tonumber(patience) or 0
  redis.call('HSET', history, 'run', run, 'opens_at', whole(now_ms() + wait))
end

local state = redis.call('HMGET', history, 'id', 'claims', 'before')
return { state[1], state[2], state[3], behind and 1 or 0 }
