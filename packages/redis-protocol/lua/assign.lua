--- Compare-and-set of where a record is executed. Lost: not the expected attempt or reference. Refused: it has ended, or it would move to
--- another line while it runs. Showing what is wanted already is `ok`.
--- @flags allow-oom
--- @keys meta records queues controls @lines
--- @args now
--- @items per assignment: id, attempt, expected (1 and a reference, or empty for any), reference, line or empty, profile (1 and a text, or empty to keep it)
--- @reply a letter for outcome and status per assignment
--- @use clock line settle pauses

local refusal = clock(meta, now)
if refusal then return refusal end
heedPauses(controls, LINE_NAMES)

local WIDTH = 6
local ids = {}
for at = ITEM, #ARGV, WIDTH do ids[#ids + 1] = ARGV[at] end
load(records, ids)
loadBeats(ids)

--- The queue stays, the execution backend may change.
local function lineNamed(record, backend)
  if backend == '' then return record.line end
  return string.match(record.line, '^[^|]*|') .. backend
end

local function assign(id, attempt, expected, ref, backend, profile)
  if loaded(id) == nil then return 'm' end
  local record = opened(id)
  if not record then return 'r' end
  if not holds(record, attempt) then return 'l' end
  if TERMINAL[record.status] then return 'r' end
  local wanted = lineNamed(record, backend)
  local wantedProfile = profile == '' and record.profile or string.sub(profile, 2)
  if record.ref == ref and record.line == wanted and record.profile == wantedProfile then return 'o' end
  if expected ~= '' and string.sub(expected, 2) ~= record.ref then return 'l' end
  if wanted ~= record.line and record.status == STATUS.running then return 'r' end
  local from = lineOf(record)
  local to = lineOf({ line = wanted })
  if not (from and to) then return 'o' end
  alter(record, from, to, function()
    record.ref = ref
    record.line = wanted
    record.profile = wantedProfile
  end)
  if from ~= to then
    SEEN_LINES[wanted] = true
    EMPTIED_LINES[from.name] = from
  end
  return 'o'
end

local letters = {}
for at = ITEM, #ARGV, WIDTH do
  local id = ARGV[at]
  letters[#letters + 1] = assign(id, ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5]) .. statusLetter(id)
end

local away = moved()
if away then return away end
storeChanges(records)
commit(records, queues, meta)
return table.concat(letters)
