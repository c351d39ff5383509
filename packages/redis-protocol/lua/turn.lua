--- The worker's one call: settles, beats, tells what the worker does not know of, claims, and registers, in this order and at one instant.
--- @flags allow-oom
--- @keys meta records bodies results progress awaited claims workers queues @lines
--- @args now prefix expired worker slot nonce part presence listsHeld claim limit promotes maxBytes settlementCount touchCount claimCount
--- @items settlements: id, attempt, outcome, shown, large, ms; touches: id, attempt, alive, report; then lines with their limits, or ids
--- @reply now, a letter for outcome and status per settlement, lost, cancelled, unknown, more, the next due time, expired, whether this part was a resend and parts follow, how many entries were dealt with, records
--- @use clock line settle touch slot claim presence

local refusal = clock(meta, now)
if refusal then return refusal end

local at = ITEM
local ids, ends, beats, known = {}, {}, {}, {}
for i = 1, tonumber(settlementCount) do
  ends[i] = { id = ARGV[at], attempt = ARGV[at + 1], outcome = ARGV[at + 2], shown = ARGV[at + 3], large = ARGV[at + 4], ms = ARGV[at + 5] }
  ids[#ids + 1] = ARGV[at]
  known[ARGV[at]] = true
  at = at + 6
end
for i = 1, tonumber(touchCount) do
  beats[i] = { id = ARGV[at], attempt = ARGV[at + 1], isAlive = ARGV[at + 2] == '1', report = ARGV[at + 3] }
  ids[#ids + 1] = ARGV[at]
  known[ARGV[at]] = true
  at = at + 4
end
load(records, ids)
loadBeats(ids)

local settled = {}
for i, one in ipairs(ends) do
  settled[i] = settle(one.id, one.attempt, one.outcome, results, one) .. statusLetter(one.id)
end
for _, one in ipairs(beats) do touch(one.id, one.attempt, one.isAlive, one.report, progress) end

local wantsClaim = claim ~= ''
local last = (wantsClaim or listsHeld == '1') and lastClaim(claims, worker, slot) or NO_CLAIM
local unknown = listsHeld == '1' and last.nonce ~= nonce and unknownTo(records, last, worker, known) or {}

local call = { records = records, bodies = bodies, results = results, progress = progress, worker = worker, expired = expired, maxBytes = tonumber(maxBytes), promotes = promotes == '1' }
local lines, wanted = {}, {}
for i = 1, tonumber(claimCount) do
  if claim == 'ids' then
    wanted[i] = ARGV[at]
    at = at + 1
  else
    local line = LINES[ARGV[at]]
    line.left = tonumber(ARGV[at + 1]) or math.huge
    line.front = { isCut = false }
    lines[i] = line
    at = at + 2
  end
end

local resent = ''
local index = tonumber(part)
if last.nonce == nonce and last.parts[index + 1] then
  TAKEN = stillHeld(records, last.parts[index + 1], worker)
  local held = {}
  for i, record in ipairs(TAKEN) do held[i] = record.id end
  loadBeats(held)
  resent = last.parts[index + 2] and 'more' or 'last'
  for _, line in ipairs(lines) do line.front = frontOf(line, LOOK_AHEAD) end
  lookAtDue(lines)
elseif claim == 'ids' then
  claimIds(wanted, call)
elseif wantsClaim then
  claimLines(lines, tonumber(limit), call, claim == 'listed')
end

local away = moved()
if away then return away end
local taken = {}
for i, record in ipairs(TAKEN) do taken[i] = record.id .. ' ' .. record.attempt end
if #taken > 0 and resent == '' then rememberClaim(claims, worker, slot, last, nonce, taken) end
local more, nextDue = outlook(lines, records)
if presence ~= '' then present(workers, claims, worker, presence) end
storeChanges(records)
for _, record in ipairs(TAKEN) do describe(record.id, record, bodies, results, '') end
tellEnds(awaited, prefix)
commit(records, queues, meta)
return reply(table.concat({
  NOW,
  table.concat(settled),
  table.concat(LOST, ' '),
  table.concat(CANCELLED, ' '),
  table.concat(unknown, ' '),
  more and '1' or '0',
  nextDue or '',
  table.concat(EXPIRED, ' '),
  resent,
  DONE,
  described(),
}, '\29'))
