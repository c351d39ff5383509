--- The lines of this call: LINES[name] has the key of each of its indexes, by the index's name. ITEM is where the items begin in ARGV.

local LINES = {}
local ITEM = ARG_COUNT + 2
local LINE_NAMES = {}

local function readLines()
  local count = tonumber(ARGV[ARG_COUNT + 1])
  for i = 1, count do
    local name = ARGV[ARG_COUNT + 1 + i]
    local line = { name = name }
    for at, key in ipairs(LINE_KEYS) do line[key] = KEYS[KEY_COUNT + (i - 1) * #LINE_KEYS + at] end
    LINES[name] = line
    LINE_NAMES[i] = name
  end
  ITEM = ITEM + count
end
readLines()

local MOVED = {}

--- The line of a record; nil if its keys were not declared, and then the call has to be made again with them.
local function lineOf(record)
  local line = LINES[record.line]
  if not line then MOVED[#MOVED + 1] = record.line end
  return line
end

--- What to answer, before anything was written, if keys of some line are missing; nil if none are.
local function moved()
  if #MOVED == 0 then return nil end
  return 'moved\29' .. table.concat(MOVED, '\29')
end
