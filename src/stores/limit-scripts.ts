// The Lua that Redis runs for limits. The arithmetic is that of meter.ts, the decisions are those of script-model.ts (a
// property test compares them with a real server); what they share is pasted in front of each. Every key they touch is
// in KEYS and has a life; time is Redis's own.
//
//   rate   {prefix}:r:<bucket>  msgpack of three whole numbers: debt in us, millionths of a us, us when that was true
//   slots  {prefix}:s:<bucket>  sorted set: slot id -> ms when it expires unless renewed
//   token  {prefix}:t:<token>   msgpack map: what this token was granted, by key
//   askers {prefix}:m           sorted set: asker -> ms when it counts as gone
//   epoch  {prefix}:e           any value; a new one means that Redis lost what it knew

const SHARED = `
local MICRO, MAX_COST, MAX_DEBT = 1000000, 1e15, 86400000000
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local nowMs = math.floor(now / 1000)
local function text(n) return string.format('%.0f', n) end
local function cost(n, tu, tf)
  local frac = n * tf
  local carry = math.floor(frac / MICRO)
  local us = n * tu + carry
  if us > MAX_COST then return MAX_COST, 0 end
  return us, frac - carry * MICRO
end
local function load(key)
  local raw = redis.call('GET', key)
  if not raw then return 0, 0 end
  local debt, frac, seen = cmsgpack.unpack(raw)
  if now > seen then debt = debt - (now - seen) end
  if debt < 0 then return 0, 0 end
  return debt, frac
end
local function save(key, debt, frac)
  redis.call('SET', key, cmsgpack.pack(debt, frac, now), 'PX', text(math.floor(debt / 1000) + 1001))
end
local function book(debt, frac, n, tu, tf, burst)
  local us, millionths = cost(n, tu, tf)
  local burstUs = cost(burst, tu, tf)
  debt, frac = debt + us, frac + millionths
  if frac >= MICRO then debt, frac = debt + 1, frac - MICRO end
  if debt >= burstUs + MAX_DEBT then return burstUs + MAX_DEBT, 0 end
  return debt, frac
end
`;

/**
 * KEYS: token record, askers, buckets. ARGV: token, life of its record (ms), and one JSON array (a third of the client's
 * work on separate arguments) with per bucket
 *   0 need want spacingUs spacingFrac burst share     share: whole units of the limit that all leases may hold unspent
 *   1 need want limit lifeMs share
 * @returns now (us), then per bucket: granted, us to wait, left, us until full. All buckets or none.
 */
export const ASK_SCRIPT = `${SHARED}
local function room(debt, frac, tu, tf, burst)
  local us, millionths = cost(burst, tu, tf)
  us, millionths = us - debt, millionths - frac
  if millionths < 0 then return us - 1, millionths + MICRO end
  return us, millionths
end
local function fits(n, tu, tf, us, frac)
  local costUs, costFrac = cost(n, tu, tf)
  return costUs < us or (costUs == us and costFrac <= frac)
end
local function left(debt, frac, tu, tf, burst)
  local us, millionths = room(debt, frac, tu, tf, burst)
  if us < 0 then return 0 end
  local n = math.floor((us + millionths / MICRO) / (tu + tf / MICRO))
  if n > burst then n = burst end
  while n > 0 and not fits(n, tu, tf, us, millionths) do n = n - 1 end
  while n < burst and fits(n + 1, tu, tf, us, millionths) do n = n + 1 end
  return n
end
local function wait(debt, frac, tu, tf, burst, need)
  local us, millionths = room(debt, frac, tu, tf, burst)
  local costUs, costFrac = cost(math.min(need, burst), tu, tf)
  local short = costUs - us
  if costFrac - millionths > 0 then short = short + 1 end
  if need > 0 and short > 0 then return short end
  return 0
end

local token, askers = ARGV[1], nil
local function lease(need, want, share)
  if want <= need then return need end
  if not askers then askers = math.max(1, redis.call('ZCARD', KEYS[2])) end
  return math.max(need, math.min(want, math.floor(share / askers)))
end

local record, refused, at, buckets, said = nil, false, 1, {}, cjson.decode(ARGV[3])
for i = 3, #KEYS do
  local key, b = KEYS[i], { rate = said[at] == 0, need = said[at + 1], want = said[at + 2], wait = 0 }
  buckets[i] = b
  if b.rate then
    b.tu, b.tf, b.burst, b.share = said[at + 3], said[at + 4], said[at + 5], said[at + 6]
    at = at + 7
    if not record then
      local raw = redis.call('GET', KEYS[1])
      record = raw and cmsgpack.unpack(raw) or {}
    end
    b.debt, b.frac = load(key)
    b.before = record[key]
    if not b.before then b.wait = wait(b.debt, b.frac, b.tu, b.tf, b.burst, b.need) end
  else
    b.limit, b.life, b.share = said[at + 3], said[at + 4], said[at + 5]
    at = at + 6
    redis.call('ZREMRANGEBYSCORE', key, '-inf', text(nowMs))
    b.used, b.have = redis.call('ZCARD', key), 0
    while b.have < b.want and redis.call('ZSCORE', key, token .. '/' .. b.have) do b.have = b.have + 1 end
    if b.have < b.need and b.used - b.have + b.need > b.limit then b.wait = 1000000 end
  end
  if b.wait > 0 then refused = true end
end

local answer, took = { now }, false
for i = 3, #KEYS do
  local key, b, granted = KEYS[i], buckets[i], 0
  if b.rate then
    if not refused then
      granted = b.before
      if not granted then
        local want = lease(b.need, b.want, b.share)
        granted = math.max(b.need, math.min(want, left(b.debt, b.frac, b.tu, b.tf, b.burst)))
        b.debt, b.frac = book(b.debt, b.frac, granted, b.tu, b.tf, b.burst)
        if granted > 0 then save(key, b.debt, b.frac) end
        record[key], took = granted, true
      end
    end
    answer[#answer + 1] = granted
    answer[#answer + 1] = b.wait
    answer[#answer + 1] = left(b.debt, b.frac, b.tu, b.tf, b.burst)
    answer[#answer + 1] = b.debt
  else
    if not refused then
      granted = b.have
      if b.have == 0 or b.have < b.need then
        local want = lease(b.need, b.want, b.share)
        granted = math.max(b.need, math.min(want, b.limit - b.used + b.have))
        local add = {}
        for slot = 0, granted - 1 do
          add[#add + 1] = text(nowMs + b.life)
          add[#add + 1] = token .. '/' .. slot
        end
        if #add > 0 then
          redis.call('ZADD', key, unpack(add))
          redis.call('PEXPIRE', key, text(b.life + 1000))
        end
        b.used = b.used - b.have + granted
      end
    end
    answer[#answer + 1] = granted
    answer[#answer + 1] = b.wait
    answer[#answer + 1] = math.max(0, b.limit - b.used)
    answer[#answer + 1] = 0
  end
end
if took then redis.call('SET', KEYS[1], cmsgpack.pack(record), 'PX', ARGV[2]) end
return answer
`;

/**
 * The one place that gives back and releases. KEYS: buckets. ARGV per bucket:
 *   r units spacingUs spacingFrac burst   units below 0: used beyond the grant
 *   m debtUs                              the debt was at least this when Redis lost it
 *   s count id...
 * @returns now (us)
 */
export const BACK_SCRIPT = `${SHARED}
local at = 1
for i = 1, #KEYS do
  local key, kind = KEYS[i], ARGV[at]
  if kind == 'r' then
    local units, tu, tf, burst =
      tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
    at = at + 5
    local debt, frac = load(key)
    if units < 0 then
      debt, frac = book(debt, frac, -units, tu, tf, burst)
      save(key, debt, frac)
    elseif debt > 0 or frac > 0 then
      local us, millionths = cost(units, tu, tf)
      debt, frac = debt - us, frac - millionths
      if frac < 0 then debt, frac = debt - 1, frac + MICRO end
      if debt < 0 then redis.call('DEL', key) else save(key, debt, frac) end
    end
  elseif kind == 'm' then
    local least = tonumber(ARGV[at + 1])
    at = at + 2
    local debt = load(key)
    if debt < least then save(key, least, 0) end
  else
    local count = tonumber(ARGV[at + 1])
    if count > 0 then redis.call('ZREM', key, unpack(ARGV, at + 2, at + 1 + count)) end
    at = at + 2 + count
  end
end
return now
`;

/**
 * Sign of life of one asker, and of its slots. KEYS: askers, epoch, slot buckets. ARGV: asker, its life (ms; 0 = it
 * leaves), an epoch to use if there is none, life of slots (ms), then per bucket: count id...
 * @returns askers alive, epoch, now (us)
 */
export const BEAT_SCRIPT = `${SHARED}
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
