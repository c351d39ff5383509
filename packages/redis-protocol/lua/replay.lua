--- Brings terminal records back as if they were new, but for their attempt. One that has its key while it is active takes it again; refused (k)
--- while another one has it. The others come back without. What a cancelled handler still holds is refused.
--- @flags allow-oom
--- @keys meta records results keys keyexpiry progress queues controls @lines
--- @args now delay
--- @items per replay: id, attempt
--- @reply a letter for outcome and status per replay
--- @use clock line settle reserve pauses

local refusal = clock(meta, now)
if refusal then return refusal end
heedPauses(controls, LINE_NAMES)

local WIDTH = 2
local ids, identities = {}, {}
for at = ITEM, #ARGV, WIDTH do ids[#ids + 1] = ARGV[at] end
load(records, ids)
for _, id in ipairs(ids) do
  local record = opened(id)
  local identity = record and holdOf(record) == 'a' and identityOf(record)
  if identity then identities[#identities + 1] = identity end
end
local taken = takenOf(keys, records, identities)
loadBeats(ids)

local wait = tonumber(delay)

local stores = { keys = keys, keyexpiry = keyexpiry }

local function isTaken(record, identity)
  local found = taken[identity]
  return found and found.id ~= record.id and blocks(found)
end

local function replay(id, attempt)
  if loaded(id) == nil then return 'm' end
  local record = opened(id)
  if not record then return 'r' end
  if not holds(record, attempt) then return 'l' end
  if record.event == EVENT.replay then return 'o' end
  if not FROM.replay[record.status] or isHeld(record) then return 'r' end
  local identity = holdOf(record) == 'a' and identityOf(record)
  if identity and isTaken(record, identity) then return 'k' end
  local line = lineOf(record)
  if not line then return 'o' end
  if identity then
    local found = { id = id, hold = 'a' }
    take(stores, identity, found, taken[identity])
    taken[identity] = found
  end
  local at = instantOf(record)
  move(record, line, 'replay', wait > 0 and STATUS.scheduled or STATUS.pending, function()
    unhold(record)
    record.scheduled = wait > 0 and NOW + wait or ''
    record.queued = math.max(at, NOW + wait)
    record.expires = ''
    record.completed = ''
    record.retryCount = 0
    record.recoveries = 0
    record.replays = record.replays + 1
    answer(record, results, '', '')
    drop(progress, id)
  end)
  return 'o'
end

local letters = {}
for at = ITEM, #ARGV, WIDTH do
  letters[#letters + 1] = replay(ARGV[at], ARGV[at + 1]) .. statusLetter(ARGV[at])
end

local away = moved()
if away then return away end
storeChanges(records)
commit(records, queues, meta)
return table.concat(letters)
