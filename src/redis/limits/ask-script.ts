// The Lua that decides asks: many in one call, each by itself and in order, as script-model.ts does one after the other (a
// property test compares them with a real server). A bucket that several of them meet is read once and written once.
import { LUA_SHARED } from './lua-shared.ts';

/**
 * KEYS: askers, a token record per ask, buckets of rates, buckets of slots. ARGV: life of a token's record (ms), and one
 * JSON array (a third of the client's work on separate arguments):
 *   asks, rates, slots         how many of each
 *   prefix, slotMs             characters of a record's key before the token; life of a slot
 *   per rate                   spacingUs spacingFrac burst share    share: units that all leases may hold unspent
 *   per bucket of slots        limit share
 *   per ask                    parts, then per part: bucket need want; bucket counts from 1, of slots from -1 down
 * @returns now (us), then per part: granted, us to wait, left, us until full. An ask gets all of its parts or none.
 */
export const ASK_SCRIPT = `${LUA_SHARED}
local said = cjson.decode(ARGV[2])
local asks, rates, slots, prefix, life = said[1], said[2], said[3], said[4], said[5]
local until_, at = text(nowMs + life), 6
local raw = redis.call('MGET', unpack(KEYS, 2, 1 + asks + rates))
local states, order, buckets, askers = {}, {}, {}, nil
for i = 1, rates + slots do
  local key = KEYS[1 + asks + i]
  local b, s = { key = key }, states[key]
  if i <= rates then
    b.tu, b.tf, b.burst, b.share = said[at], said[at + 1], said[at + 2], said[at + 3]
    b.fullUs, b.fullFrac = cost(b.burst, b.tu, b.tf)
    at = at + 4
    if not s then s = drained(raw[asks + i]) end
  else
    b.limit, b.share = said[at], said[at + 1]
    at = at + 2
    if not s then
      redis.call('ZREMRANGEBYSCORE', key, '-inf', text(nowMs))
      s = { used = redis.call('ZCARD', key), add = {}, added = {} }
    end
  end
  if not states[key] then
    states[key] = s
    order[#order + 1] = key
  end
  b.s = s
  buckets[i <= rates and i or rates - i] = b
end

local function room(b)
  local us, millionths = b.fullUs - b.s.debt, b.fullFrac - b.s.frac
  if millionths < 0 then return us - 1, millionths + MICRO end
  return us, millionths
end
local function fits(n, b, us, frac)
  local costUs, costFrac = cost(n, b.tu, b.tf)
  return costUs < us or (costUs == us and costFrac <= frac)
end
local function left(b)
  local us, millionths = room(b)
  if us < 0 then return 0 end
  if b.tu < 0 then return us end
  local burst = b.burst
  local n = floor((us + millionths / MICRO) / (b.tu + b.tf / MICRO))
  if n > burst then n = burst end
  while n > 0 and not fits(n, b, us, millionths) do n = n - 1 end
  while n < burst and fits(n + 1, b, us, millionths) do n = n + 1 end
  return n
end
local function wait(b, need)
  local us, millionths = room(b)
  local costUs, costFrac = cost((b.tu < 0 or need < b.burst) and need or b.burst, b.tu, b.tf)
  local short = costUs - us
  if costFrac > millionths then short = short + 1 end
  if need <= 0 or short <= 0 then return 0 end
  if b.s.excess == 0 then return short end
  return math.min(short, math.max(STANDS - (now - b.s.changed), short - b.s.excess))
end
local function holds(b, id)
  return b.s.added[id] or redis.call('ZSCORE', b.key, id)
end
local function lease(need, want, share)
  if want <= need then return need end
  if not askers then askers = math.max(1, redis.call('ZCARD', KEYS[1])) end
  return math.max(need, math.min(want, floor(share / askers)))
end

local answer, size, records, took = { now }, 1, {}, {}
for ask = 1, asks do
  local name, refused, waits, haves = KEYS[1 + ask], false, {}, {}
  local token, record = string.sub(name, prefix + 1), records[name]
  if not record then
    record = raw[ask] and cmsgpack.unpack(raw[ask]) or {}
    records[name] = record
  end
  local from, to = at + 1, at + said[at] * 3
  at = to + 1
  for p = from, to, 3 do
    local b, need, want, w = buckets[said[p]], said[p + 1], said[p + 2], 0
    if b.tu then
      repace(b.s, b.tu, b.tf, b.burst)
      if not record[b.key] then w = wait(b, need) end
    else
      local s, have = b.s, 0
      while have < want and holds(b, token .. '/' .. have) do have = have + 1 end
      if have < need and s.used - have + need > b.limit then w = 1000000 end
      haves[p] = have
    end
    waits[p] = w
    if w > 0 then refused = true end
  end
  for p = from, to, 3 do
    local b, need, granted, free, debt = buckets[said[p]], said[p + 1], 0, nil, 0
    local s = b.s
    if b.tu then
      if not refused then
        granted = record[b.key]
        if not granted then
          granted = need
          if said[p + 2] > need then
            granted = math.max(need, math.min(lease(need, said[p + 2], b.share), left(b)))
          end
          if granted > 0 then
            book(s, granted)
            s.touched = true
          end
          record[b.key], took[name] = granted, true
        end
      end
      free, debt = left(b), s.debt
    else
      if not refused then
        local have = haves[p]
        granted = have
        if have == 0 or have < need then
          granted = math.max(need, math.min(lease(need, said[p + 2], b.share), b.limit - s.used + have))
          for slot = 0, granted - 1 do
            local id = token .. '/' .. slot
            -- The first missing one is known to be missing; behind it, one may be left of what was given back in part.
            if slot == have or slot > have and not holds(b, id) then s.used = s.used + 1 end
            s.add[#s.add + 1] = until_
            s.add[#s.add + 1] = id
            s.added[id] = true
          end
        end
      end
      free = math.max(0, b.limit - s.used)
    end
    answer[size + 1], answer[size + 2], answer[size + 3], answer[size + 4] = granted, waits[p], free, debt
    size = size + 4
  end
end

-- Nothing is written before all is decided: an error leaves nothing half done.
for _, key in ipairs(order) do
  local s = states[key]
  if s.touched then save(key, s) end
  if s.add and #s.add > 0 then
    for first = 1, #s.add, 2000 do
      redis.call('ZADD', key, unpack(s.add, first, math.min(first + 1999, #s.add)))
    end
    redis.call('PEXPIRE', key, text(life + 1000))
  end
end
for name in pairs(took) do redis.call('SET', name, cmsgpack.pack(records[name]), 'PX', ARGV[1]) end
return answer
`;
