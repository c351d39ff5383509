--- Takes a record away with everything that belongs to it.
--- @use move load ending

--- Its key goes only if it is still its own: `holders` says per identity who holds it.
local function retire(id, line, places, holders)
  local record = opened(id)
  if record then
    unfile(record, line)
    local identity = identityOf(record)
    if identity and holders[identity] == id then
      drop(places.keys, identity)
      holders[identity] = nil
    end
    record.changed = nil
  else
    unfileUnreadable(id, line)
  end
  for _, key in pairs({ places.records, places.bodies, places.results, places.progress, places.logs }) do drop(key, id) end
  EMPTIED_LINES[line.name] = line
  ended(id)
end
