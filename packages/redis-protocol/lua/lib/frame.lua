--- What separates the parts of a reply must not come from what is stored.

--- The text without separators. No text of ours has any: what had one cannot be read, before and after.
local function framed(text)
  if string.find(text, '\29', 1, true) or string.find(text, '\30', 1, true) or string.find(text, '\31', 1, true) then
    return (string.gsub(text, '[\29-\31]', '\1'))
  end
  return text
end

--- What comes before a record's text: its id, its heartbeat, and what lies aside.
local function entryHead(id, beat, aside) return '\30' .. id .. '\31' .. beat .. '\31' .. aside .. '\31' end
