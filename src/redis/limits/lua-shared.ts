// The arithmetic of meter.ts in Lua, pasted in front of each script; time is Redis's own. What the scripts keep:
//
//   rate   {prefix}:r:<bucket>  msgpack of whole numbers: debt in us, millionths of a us, us when that was true,
//                               the rule's numbers that it owes in (three; absent in what older versions wrote), and
//                               after a change of them for a while: us to be let off, us of the change
//   slots  {prefix}:s:<bucket>  sorted set: slot id -> ms when it expires unless renewed
//   token  {prefix}:t:<token>   msgpack map: what this token was granted, by key
//   askers {prefix}:m           sorted set: asker -> ms when it counts as gone
//   epoch  {prefix}:e           any value; a new one means that Redis lost what it knew
//
// Every key a script touches is in KEYS and has a life.

import { STANDS_US } from '../../limits/repace.ts';

export const LUA_SHARED = `
local MICRO, MAX_COST, MAX_DEBT, STANDS = 1000000, 1e15, 86400000000, ${STANDS_US}
local floor = math.floor
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local nowMs = floor(now / 1000)
local function text(n) return string.format('%.0f', n) end
-- With a spacing below 0 a meter stands still (meter.ts): what is spent of a budget, until tf (ms; 0 = for good) and a day more.
local function cost(n, tu, tf)
  if tu < 0 then return n, 0 end
  local frac = n * tf
  local carry = floor(frac / MICRO)
  local us = n * tu + carry
  if us > MAX_COST then return MAX_COST, 0 end
  return us, frac - carry * MICRO
end
local function drained(raw)
  local s = { debt = 0, frac = 0, excess = 0, changed = 0 }
  if not raw then return s end
  local seen
  s.debt, s.frac, seen, s.tu, s.tf, s.burst, s.excess, s.changed = cmsgpack.unpack(raw)
  if now > seen and not (s.tu and s.tu < 0) then s.debt = s.debt - (now - seen) end
  if s.debt < 0 then s.debt, s.frac = 0, 0 end
  if not s.excess then s.excess, s.changed = 0, 0 end
  if s.excess > s.debt then s.excess = s.debt end
  return s
end
local function save(key, s)
  local raw
  if s.excess > 0 then
    raw = cmsgpack.pack(s.debt, s.frac, now, s.tu, s.tf, s.burst, s.excess, s.changed)
  else
    raw = cmsgpack.pack(s.debt, s.frac, now, s.tu, s.tf, s.burst)
  end
  if s.tu < 0 and s.tf == 0 then
    redis.call('SET', key, raw)
  else
    local life = floor(s.debt / 1000) + 1001
    if s.tu < 0 then life = math.max(1001, s.tf - nowMs + 86400000) end
    redis.call('SET', key, raw, 'PX', text(life))
  end
end
-- As repace.ts: the bucket goes on with these numbers. Without any it owes in those of whoever asks.
local function convert(debt, s, tu, tf)
  local us = math.ceil(debt * ((tu + tf / MICRO) / (s.tu + s.tf / MICRO)))
  return us > MAX_COST and MAX_COST or us
end
local function repace(s, tu, tf, burst)
  if s.tu == tu and s.tf == tf and s.burst == burst then
    if s.excess > 0 and now - s.changed >= STANDS then
      s.debt, s.excess, s.touched = math.max(0, s.debt - s.excess), 0, true
      if s.debt == 0 then s.frac = 0 end
    end
    return
  end
  if tu >= 0 and s.tu and (s.debt > 0 or s.frac > 0) then
    local beyond = math.max(0, s.debt - (cost(s.burst, s.tu, s.tf)))
    s.debt, beyond = convert(s.debt + (s.frac > 0 and 1 or 0), s, tu, tf), convert(beyond, s, tu, tf)
    s.frac, s.excess = 0, math.max(0, s.debt - (cost(burst, tu, tf)) - beyond)
    s.changed, s.touched = now, true
  else
    s.excess = 0
  end
  s.tu, s.tf, s.burst = tu, tf, burst
end
local function book(s, n)
  if s.tu < 0 then
    s.debt = math.min(9007199254740991, s.debt + n)
    return
  end
  local us, millionths = cost(n, s.tu, s.tf)
  local most = math.max((cost(s.burst, s.tu, s.tf)) + MAX_DEBT, s.debt)
  s.debt, s.frac = s.debt + us, s.frac + millionths
  if s.frac >= MICRO then s.debt, s.frac = s.debt + 1, s.frac - MICRO end
  if s.debt >= most then s.debt, s.frac = most, 0 end
end
-- Units come back, or, below 0, are booked: in the numbers the bucket has, which may be newer than those of who says so.
-- A bucket is never more than full, and one that is full is no key.
local function giveBack(key, units, tu, tf, burst)
  local s = drained(redis.call('GET', key))
  if not s.tu or (s.debt == 0 and s.frac == 0) then s.tu, s.tf, s.burst = tu, tf, burst end
  if units < 0 then
    book(s, -units)
  elseif s.debt > 0 or s.frac > 0 then
    local us, millionths = cost(units, s.tu, s.tf)
    s.debt, s.frac = s.debt - us, s.frac - millionths
    if s.frac < 0 then s.debt, s.frac = s.debt - 1, s.frac + MICRO end
    if s.debt < 0 then return redis.call('DEL', key) end
    if s.excess > s.debt then s.excess = s.debt end
  else
    return
  end
  save(key, s)
end
`;
