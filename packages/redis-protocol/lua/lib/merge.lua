--- The first entries of several indexes in one order, reading of each about as much as is needed, however much it holds.

--- Entries that are read of all sources together before it is known which of them hold the first ones.
local READ_AT_FIRST = 1000

--- A source has `read(at, count)`: up to `count` of its entries from a place on, in order; fewer mean that it has no more. Answers `most`
--- entries or fewer, and whether there are more. An entry that is `passedOver` counts for nothing.
local function firstOf(sources, most, precedes)
  local step = math.min(most, math.ceil(READ_AT_FIRST / math.max(1, #sources))) + 1
  local all, unread = {}, sources
  for _, source in ipairs(sources) do source.at = 0 end
  while true do
    for _, source in ipairs(unread) do
      local entries = source.read(source.at, step)
      for _, entry in ipairs(entries) do all[#all + 1] = entry end
      source.at = source.at + #entries
      source.isCut = #entries == step
      source.last = entries[#entries]
    end
    table.sort(all, precedes)
    local sealed = nil
    for _, source in ipairs(sources) do
      if source.isCut and (not sealed or precedes(source.last, sealed)) then sealed = source.last end
    end
    local first, next = {}, nil
    for _, entry in ipairs(all) do
      if not entry.passedOver then
        if #first == most then
          next = entry
          break
        end
        first[#first + 1] = entry
      end
    end
    -- Nothing is known of what comes behind the end of a source that was cut.
    if not sealed or (next and not precedes(sealed, next)) then return first, next ~= nil end
    unread = {}
    for _, source in ipairs(sources) do
      if source.isCut and not (next and precedes(next, source.last)) then unread[#unread + 1] = source end
    end
    step = step * 2
  end
end
