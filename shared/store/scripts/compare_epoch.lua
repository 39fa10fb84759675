-- Compares the store with the mark that a poller remembers, and begins a new epoch where the store is
-- behind: the claims made since are unknown, so no task that waits now may be sent.
-- Keys and arguments: StoreEpoch.compare.
-- Returns the epoch, its claims, the last sequence number that may not be sent, 1 if the store was
-- behind.

local epoch, mark = keys.epoch, args.mark
local run = server_run_id()

local id = redis.call('HGET', epoch, 'id')
local known = redis.call('HEXISTS', epoch, 'closed:' .. mark.epoch) == 1
local behind = mark.epoch ~= ''
  and not known
  and (mark.epoch ~= id or tonumber(redis.call('HGET', epoch, 'claims')) < mark.claims)
if behind then
  -- Another poller may remember either of them: for it, this has been dealt with.
  redis.call('HSET', epoch, 'closed:' .. mark.epoch, 1)
  if id then
    redis.call('HSET', epoch, 'closed:' .. id, 1)
  end
end
if behind or not id then
  local before = behind and redis.call('GET', keys.sequence) or '0'
  redis.call('HSET', epoch, 'id', args.new_id, 'claims', 0, 'before', before or '0')
end

-- Another run of the server may have lost what the one before acknowledged. Each poller knows its
-- own claims best: none claims before all have had the time to compare.
if redis.call('HGET', epoch, 'run') ~= run then
  local others = redis.call('ZCARD', keys.pollers)
  if redis.call('ZSCORE', keys.pollers, args.poller) then
    others = others - 1
  end
  local wait = others > 0 and args.window or 0
  redis.call('HSET', epoch, 'run', run, 'opens_at', int_str(now_ms() + wait))
end

local state = redis.call('HMGET', epoch, 'id', 'claims', 'before')
return { state[1], state[2], state[3], behind and 1 or 0 }
