// The arithmetic of meter.ts in Lua, pasted in front of each script; time is Redis's own. What the scripts keep:
//
//   rate   {prefix}:r:<bucket>  msgpack of three whole numbers: debt in us, millionths of a us, us when that was true
//   slots  {prefix}:s:<bucket>  sorted set: slot id -> ms when it expires unless renewed
//   token  {prefix}:t:<token>   msgpack map: what this token was granted, by key
//   askers {prefix}:m           sorted set: asker -> ms when it counts as gone
//   epoch  {prefix}:e           any value; a new one means that Redis lost what it knew
//
// Every key a script touches is in KEYS and has a life.

export const LUA_SHARED = `
local MICRO, MAX_COST, MAX_DEBT = 1000000, 1e15, 86400000000
local floor = math.floor
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local nowMs = floor(now / 1000)
local function text(n) return string.format('%.0f', n) end
local function cost(n, tu, tf)
  local frac = n * tf
  local carry = floor(frac / MICRO)
  local us = n * tu + carry
  if us > MAX_COST then return MAX_COST, 0 end
  return us, frac - carry * MICRO
end
local function drained(raw)
  if not raw then return 0, 0 end
  local debt, frac, seen = cmsgpack.unpack(raw)
  if now > seen then debt = debt - (now - seen) end
  if debt < 0 then return 0, 0 end
  return debt, frac
end
local function save(key, debt, frac)
  redis.call('SET', key, cmsgpack.pack(debt, frac, now), 'PX', text(floor(debt / 1000) + 1001))
end
local function book(debt, frac, n, tu, tf, burstUs)
  local us, millionths = cost(n, tu, tf)
  debt, frac = debt + us, frac + millionths
  if frac >= MICRO then debt, frac = debt + 1, frac - MICRO end
  if debt >= burstUs + MAX_DEBT then return burstUs + MAX_DEBT, 0 end
  return debt, frac
end
-- Units come back; a bucket is never more than full, and one that is full is no key.
local function giveBack(key, units, tu, tf)
  local debt, frac = drained(redis.call('GET', key))
  if debt == 0 and frac == 0 then return end
  local us, millionths = cost(units, tu, tf)
  debt, frac = debt - us, frac - millionths
  if frac < 0 then debt, frac = debt - 1, frac + MICRO end
  if debt < 0 then redis.call('DEL', key) else save(key, debt, frac) end
end
`;
