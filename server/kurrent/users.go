package kurrent

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	"github.com/cairndb/cairn/internal/proto/kurrent/users"
	"github.com/cairndb/cairn/server/access"
)

// usersServer is the Users service. Everything but looking users up and changing
// a password, which takes the current one, is for administrators, also where
// it is about themselves.
type usersServer struct {
	users.UnimplementedUsersServer
	*Service
	users *access.Users
}

// newUsersServer takes the users that the control knows. Those of an insecure
// server can be administered too: they are in the store for when it is secured.
func newUsersServer(s *Service) *usersServer {
	all := s.access.Users()
	if all == nil {
		all = access.NewUsers(s.store, access.Options{})
	}
	return &usersServer{Service: s, users: all}
}

// Create implements the call of that name. A user who exists may be created
// again with the same password: the client may not have seen the answer.
func (s *usersServer) Create(ctx context.Context, req *users.CreateReq) (*users.CreateResp, error) {
	o := req.GetOptions()
	return &users.CreateResp{}, s.administer(ctx, func() error {
		user := access.User{Login: o.GetLoginName(), FullName: o.GetFullName(), Groups: o.GetGroups()}
		err := s.users.Create(ctx, user, o.GetPassword())
		if !errors.Is(err, access.ErrUserExists) {
			return err
		}
		if same, failed := s.users.Verify(ctx, user.Login, o.GetPassword()); same || failed != nil {
			return failed
		}
		return err
	})
}

// Update implements the call of that name. It leaves the password as it is.
func (s *usersServer) Update(ctx context.Context, req *users.UpdateReq) (*users.UpdateResp, error) {
	o := req.GetOptions()
	return &users.UpdateResp{}, s.administer(ctx, func() error {
		return s.users.Update(ctx, o.GetLoginName(), o.GetFullName(), o.GetGroups())
	})
}

// Delete implements the call of that name.
func (s *usersServer) Delete(ctx context.Context, req *users.DeleteReq) (*users.DeleteResp, error) {
	return &users.DeleteResp{}, s.administer(ctx, func() error {
		return s.users.Delete(ctx, req.GetOptions().GetLoginName())
	})
}

// Enable implements the call of that name.
func (s *usersServer) Enable(ctx context.Context, req *users.EnableReq) (*users.EnableResp, error) {
	return &users.EnableResp{}, s.administer(ctx, func() error {
		return s.users.Enable(ctx, req.GetOptions().GetLoginName())
	})
}

// Disable implements the call of that name.
func (s *usersServer) Disable(ctx context.Context, req *users.DisableReq) (*users.DisableResp, error) {
	return &users.DisableResp{}, s.administer(ctx, func() error {
		return s.users.Disable(ctx, req.GetOptions().GetLoginName())
	})
}

// ResetPassword implements the call of that name.
func (s *usersServer) ResetPassword(ctx context.Context, req *users.ResetPasswordReq) (*users.ResetPasswordResp, error) {
	o := req.GetOptions()
	return &users.ResetPasswordResp{}, s.administer(ctx, func() error {
		return s.users.ResetPassword(ctx, o.GetLoginName(), o.GetNewPassword())
	})
}

// ChangePassword implements the call of that name. Any user may try; the current
// password decides, also for administrators.
func (s *usersServer) ChangePassword(ctx context.Context, req *users.ChangePasswordReq) (*users.ChangePasswordResp, error) {
	err := s.access.CheckRole(ctx)
	if err == nil {
		o := req.GetOptions()
		err = s.users.ChangePassword(ctx, o.GetLoginName(), o.GetCurrentPassword(), o.GetNewPassword())
	}
	return &users.ChangePasswordResp{}, fail(ctx, userFault(err))
}

// Details implements the call of that name: one user, or all of them by login.
func (s *usersServer) Details(req *users.DetailsReq, stream grpc.ServerStreamingServer[users.DetailsResp]) error {
	ctx := stream.Context()
	all, err := s.details(ctx, req.GetOptions().GetLoginName())
	if err != nil {
		return fail(ctx, userFault(err))
	}
	for _, user := range all {
		if err := stream.Send(userDetails(user)); err != nil {
			return err
		}
	}
	return nil
}

func (s *usersServer) details(ctx context.Context, login string) ([]access.User, error) {
	if err := s.access.CheckRole(ctx); err != nil {
		return nil, err
	}
	if login == "" {
		return s.users.All(ctx)
	}
	user, err := s.users.Get(ctx, login)
	return []access.User{user}, err
}

func userDetails(u access.User) *users.DetailsResp {
	return &users.DetailsResp{UserDetails: &users.DetailsResp_UserDetails{
		LoginName: u.Login, FullName: u.FullName, Groups: u.Groups, Disabled: u.Disabled,
		LastUpdated: &users.DetailsResp_UserDetails_DateTime{TicksSinceEpoch: u.Updated.UnixNano() / 100},
	}}
}

// administer does what only administrators may.
func (s *usersServer) administer(ctx context.Context, do func() error) error {
	err := s.access.CheckRole(ctx, access.Admins)
	if err == nil {
		err = do()
	}
	return fail(ctx, userFault(err))
}

// userFault gives an error of the administration of users its name in the
// protocol; others stay as they are.
func userFault(err error) error {
	e, about := errors.AsType[*access.UserError](err)
	switch {
	case errors.Is(err, access.ErrBusy):
		return newFault(codes.Unavailable, "Server Is Too Busy", "")
	case about && errors.Is(err, access.ErrNoUser):
		return newFault(codes.NotFound, fmt.Sprintf("User '%s' is not found.", e.Login), "user-not-found", "login-name", e.Login)
	case about && errors.Is(err, access.ErrUserExists):
		return newFault(codes.FailedPrecondition, "Conflict.", "user-conflict", "login-name", e.Login)
	}
	return err
}
