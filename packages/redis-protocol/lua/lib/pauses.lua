--- What is paused. As long as nothing is, `meta` says so, which every script reads, and nobody looks any further.
--- @use clock read

--- Lines of this call that are paused, by name: nothing is claimed from them, and nobody is hinted of them.
local PAUSED_LINES = {}
local IS_ALL_PAUSED = false
--- Whether a queue is paused by itself, as far as it was looked up.
local PAUSED_QUEUES = {}

local ALL_PAUSED = 'pause *'

local function pauseField(queue) return 'pause ' .. queue end

local function isPauseField(field) return string.sub(field, 1, 6) == 'pause ' end

--- Looks up once, before anything else of these lines is looked at, which of them are paused.
local function heedPauses(controls, names)
  if not HAS_PAUSES then return end
  local fields, queues = { ALL_PAUSED }, {}
  for at, name in ipairs(names) do
    queues[at] = string.match(name, '^[^|]*')
    fields[at + 1] = pauseField(queues[at])
  end
  local stored = readFields(controls, fields)
  IS_ALL_PAUSED = stored[1] and true or false
  for at, name in ipairs(names) do
    PAUSED_QUEUES[queues[at]] = stored[at + 1] and true or false
    if IS_ALL_PAUSED or stored[at + 1] then PAUSED_LINES[name] = true end
  end
end
