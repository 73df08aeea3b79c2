// The Lua that gives back and the Lua of a sign of life; asks are in ask-script.ts, the keys are explained in lua-shared.ts.
import { LUA_SHARED } from './lua-shared.ts';

/**
 * The one place that gives back and releases. KEYS: buckets. ARGV per bucket:
 *   r units spacingUs spacingFrac burst   units below 0: used beyond the grant
 *   m debtUs spacingUs spacingFrac burst   the debt was at least this when Redis lost it
 *   s count id...
 * @returns now (us)
 */
export const BACK_SCRIPT = `${LUA_SHARED}
local at = 1
for i = 1, #KEYS do
  local key, kind = KEYS[i], ARGV[at]
  if kind == 'r' then
    local units, tu, tf, burst =
      tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    at = at + 5
    giveBack(key, units, tu, tf, burst)
  elseif kind == 'm' then
    local least, tu, tf, burst =
      tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    at = at + 5
    local s = drained(redis.call('GET', key))
    repace(s, tu, tf, burst)
    if s.debt < least then s.debt, s.frac, s.touched = least, 0, true end
    if s.touched then save(key, s) end
  else
    local count = tonumber(ARGV[at + 1])
    if count > 0 then redis.call('ZREM', key, unpack(ARGV, at + 2, at + 1 + count)) end
    at = at + 2 + count
  end
end
return now
`;

/**
 * What a process that died had reserved comes back, once however often it is said. KEYS: a record of having done it,
 * buckets. ARGV: life of the record (ms), then per bucket: units spacingUs spacingFrac burst.
 * @returns 1, or 0 when it was done before
 */
export const RETURN_SCRIPT = `${LUA_SHARED}
-- First of all a write that a full Redis refuses.
if not redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then return 0 end
for i = 2, #KEYS do
  local at = 4 * i - 6
  giveBack(KEYS[i], tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]))
end
return 1
`;

/**
 * Sign of life of one asker, and of its slots. KEYS: askers, epoch, slot buckets. ARGV: asker, its life (ms; 0 = it
 * leaves), an epoch to use if there is none, life of slots (ms), then per bucket: count id...
 * @returns askers alive, epoch, now (us)
 */
export const BEAT_SCRIPT = `${LUA_SHARED}
local asker, life, slotLife = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4])
-- First of all a write that a full Redis refuses: behind any other it would let all of them through.
redis.call('SET', KEYS[2], ARGV[3], 'NX')
redis.call('PEXPIRE', KEYS[2], 86400000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', text(nowMs))
if life > 0 then
  redis.call('ZADD', KEYS[1], text(nowMs + life), asker)
  redis.call('PEXPIRE', KEYS[1], text(life + 1000))
else
  redis.call('ZREM', KEYS[1], asker)
end
local at = 5
for i = 3, #KEYS do
  local key, count = KEYS[i], tonumber(ARGV[at])
  local add = {}
  for slot = 1, count do
    add[#add + 1] = text(nowMs + slotLife)
    add[#add + 1] = ARGV[at + slot]
  end
  at = at + 1 + count
  if #add > 0 then redis.call('ZADD', key, unpack(add)) end
  -- Where the clock went back, what others hold ends a life from now and not in an hour.
  local far = redis.call('ZRANGEBYSCORE', key, text(nowMs + slotLife + 1000), '+inf', 'LIMIT', 0, 500)
  for _, id in ipairs(far) do redis.call('ZADD', key, text(nowMs + slotLife), id) end
  redis.call('PEXPIRE', key, text(slotLife + 1000))
end
return { redis.call('ZCARD', KEYS[1]), redis.call('GET', KEYS[2]), now }
`;
