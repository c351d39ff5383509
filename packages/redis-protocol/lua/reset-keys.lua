--- Frees keys that are taken for a window or for ever, whatever became of their records.
--- @flags allow-oom
--- @keys meta records keys keyexpiry queues
--- @args now
--- @items identities
--- @reply a letter per key (r: reset, f: nothing kept others off it, x: refused, because an unfinished record has it)
--- @use clock reserve

local refusal = clock(meta, now)
if refusal then return refusal end

local identities = {}
for at = ITEM, #ARGV do identities[#identities + 1] = ARGV[at] end
local taken = takenOf(keys, records, identities)

local function reset(identity)
  local found = taken[identity]
  if not found or not blocks(found) then return 'f' end
  if not outlasts(found) then return 'x' end
  drop(keys, identity)
  if isListed(found) then unlist(keyexpiry, identity) end
  taken[identity] = nil
  return 'r'
end

local letters = {}
for at, identity in ipairs(identities) do letters[at] = reset(identity) end
commit(records, queues, meta)
return table.concat(letters)
