package account

// NameTag is the label of the events that take a name and set it free. Whoever
// wants to know whether a name is taken looks at the last of them.
func NameTag(name string) string { return "account-name:" + name }

// TransferTag is the label of both legs of a transfer.
func TransferTag(transfer string) string { return "transfer:" + transfer }

// Tags labels the event with the name that it takes.
func (e Opened) Tags() []string { return []string{NameTag(e.Name)} }

// Tags labels the event with the name that it sets free.
func (e Closed) Tags() []string { return []string{NameTag(e.Name)} }

// Tags labels the event with its transfer.
func (e TransferSent) Tags() []string { return []string{TransferTag(e.Transfer)} }

// Tags labels the event with its transfer.
func (e TransferReceived) Tags() []string { return []string{TransferTag(e.Transfer)} }
