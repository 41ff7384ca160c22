// Package audit reads the whole log of a shop and says whether money and stock are
// conserved: for an order that was carried out just what it comes to was taken and
// set aside, for any other nothing was kept; nothing was sold that was not there,
// at no moment; and what a product has set aside is what its orders have.
//
// It believes no read model. It folds the streams of the services, which none of
// them may: an auditor stands outside.
package audit
