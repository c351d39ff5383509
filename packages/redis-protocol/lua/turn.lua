--- The worker's one call: settles, beats, tells what the worker does not know of, claims, and registers, in this order and at one instant.
--- @flags allow-oom
--- @keys meta records bodies results progress logs awaited claims workers queues controls @lines
--- @args now prefix expired worker slot nonce part presence listsHeld claim limit promotes maxBytes groupCount settlementCount touchCount claimCount
--- @items groups of completions: attempt, line, ids one behind the other, how many outcomes follow (0: nothing was returned), outcomes; settlements: id, attempt, outcome, shown, large, ms, report, log; touches: id, attempt, alive, report, log; then lines with their limits, or ids
--- @reply now, a letter for outcome and status per settlement, those in groups first, lost, cancelled, unknown, more (r: none in sight, but overdue ones; p: due ones have to be moved first), the next due time, expired, whether this part was a resend and parts follow, how many entries were dealt with or ids looked at, records
--- @use clock line settle touch slot claim presence pauses

local refusal = clock(meta, now)
if refusal then return refusal end
heedPauses(controls, LINE_NAMES)

local at = ITEM
local known, settled = {}, {}
local stores = { results = results, progress = progress, logs = logs }

do
  local ids, groups, ends, beats, acted = {}, {}, {}, {}, {}
  local function note(id)
    ids[#ids + 1] = id
    known[id] = true
  end
  for i = 1, tonumber(groupCount) do
    groups[i], at = groupAt(at)
    for _, id in ipairs(groups[i].ids) do note(id) end
  end
  for i = 1, tonumber(settlementCount) do
    ends[i] = { id = ARGV[at], attempt = ARGV[at + 1], outcome = ARGV[at + 2], shown = ARGV[at + 3], large = ARGV[at + 4], ms = ARGV[at + 5], report = ARGV[at + 6], log = ARGV[at + 7] }
    acted[#acted + 1] = ARGV[at]
    note(ARGV[at])
    at = at + 8
  end
  for i = 1, tonumber(touchCount) do
    beats[i] = { id = ARGV[at], attempt = ARGV[at + 1], isAlive = ARGV[at + 2] == '1', report = ARGV[at + 3], log = ARGV[at + 4] }
    acted[#acted + 1] = ARGV[at]
    note(ARGV[at])
    at = at + 5
  end
  load(records, ids)

  for _, group in ipairs(groups) do
    local first = #settled
    for place = 1, #group.ids do settled[first + place] = 'o' .. STATUS.completed end
    completeDirectly(group, worker, function(place)
      local id = group.ids[place]
      loadBeats({ id })
      settled[first + place] = settle(id, group.attempt, 'complete', stores, { shown = group.shown[place], large = '' }) .. statusLetter(id)
    end)
  end
  loadBeats(acted)
  loadLogs(logs, ends)
  loadLogs(logs, beats)
  for _, one in ipairs(ends) do
    settled[#settled + 1] = settle(one.id, one.attempt, one.outcome, stores, one) .. statusLetter(one.id)
  end
  for _, one in ipairs(beats) do touch(one.id, one.attempt, one.isAlive, one, stores) end
end

local wantsClaim = claim ~= ''
local last = (wantsClaim or listsHeld == '1') and lastClaim(claims, worker, slot) or NO_CLAIM
local unknown = listsHeld == '1' and last.nonce ~= nonce and unknownTo(records, last, worker, known) or {}

local call = {
  records = records,
  bodies = bodies,
  results = results,
  progress = progress,
  worker = worker,
  expired = expired,
  maxBytes = tonumber(maxBytes),
  promotes = promotes == '1',
}
local lines, wanted = {}, {}
for i = 1, tonumber(claimCount) do
  if claim == 'ids' then
    wanted[i] = ARGV[at]
    at = at + 1
  else
    local line = LINES[ARGV[at]]
    line.left = tonumber(ARGV[at + 1]) or math.huge
    -- One that is paused is as if it were empty.
    if not PAUSED_LINES[line.name] then lines[#lines + 1] = line end
    at = at + 2
  end
end

local resent = ''
local index = tonumber(part)
local parts = wantsClaim and last.nonce == nonce and partsOf(last) or {}
if parts[index + 1] then
  local held = {}
  for i, record in ipairs(stillHeld(records, parts[index + 1], worker)) do held[i] = record.id end
  loadBeats(held)
  for _, id in ipairs(held) do describe(id, loaded(id), bodies, results, peek(progress, id)) end
  resent = parts[index + 2] and 'more' or 'last'
  for _, line in ipairs(lines) do line.front = frontOf(line, LOOK_AHEAD, false) end
  lookAtDue(lines)
elseif claim == 'ids' then
  claimIds(wanted, call)
elseif wantsClaim then
  claimLines(lines, tonumber(limit), call, claim == 'listed')
end

local away = moved()
if away then return away end
if #TAKEN > 0 then rememberClaim(claims, worker, slot, last, nonce, TAKEN) end
local more, nextDue = outlook(lines, records)
if presence ~= '' then present(workers, claims, worker, presence) end
storeChanges(records)
tellEnds(awaited, prefix)
commit(records, queues, meta)
return reply(table.concat({
  NOW,
  table.concat(settled),
  table.concat(LOST, ' '),
  table.concat(CANCELLED, ' '),
  table.concat(unknown, ' '),
  IS_HELD_UP and 'p' or (more and '1' or (hasRest(lines) and 'r' or '0')),
  nextDue or '',
  table.concat(EXPIRED, ' '),
  resent,
  DONE,
  described(),
}, '\29'))
