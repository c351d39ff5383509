--- Takes a record away with everything that belongs to it.
--- @use move load ending reserve

--- Its key goes if it is still its own and not taken for some time yet: `taken` says per identity by whom it is.
local function retire(id, line, places, taken)
  local record = opened(id)
  if record then
    unfile(record, line)
    local identity = identityOf(record)
    local found = identity and taken[identity]
    if found and found.id == id then
      if outlasts(found) and not isOver(found) then
        list(places.keyexpiry, identity, found)
      else
        drop(places.keys, identity)
        taken[identity] = nil
      end
    end
    record.changed = nil
  else
    unfileUnreadable(id, line)
  end
  for _, key in pairs({ places.records, places.bodies, places.results, places.progress, places.logs }) do drop(key, id) end
  EMPTIED_LINES[line.name] = line
  ended(id)
end
