// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Roles} from "./Roles.sol";

/// @title Signed orders: EIP-712, EIP-2612 and EIP-3009
/// @notice Only plain secp256k1 signatures with a low s count; no code of a payer is ever called.
abstract contract Authorisations is Roles {
    bytes32 internal constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 internal constant NAME_HASH = keccak256("KRWToken");
    bytes32 internal constant VERSION_HASH = keccak256("1");
    /// @notice What an owner signs for permit.
    bytes32 public constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    /// @notice What a payer signs for transferWithAuthorization.
    bytes32 public constant TRANSFER_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    /// @notice What a payer signs for receiveWithAuthorization.
    bytes32 public constant RECEIVE_WITH_AUTHORIZATION_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    /// @notice What an authoriser signs for cancelAuthorization.
    bytes32 public constant CANCEL_AUTHORIZATION_TYPEHASH =
        keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");
    /// @dev Half the order of secp256k1: a signature with a higher s has a twin and is refused.
    uint256 internal constant HIGHEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @notice Next nonce of an owner for permit and for the registration of a refund key.
    mapping(address owner => uint256 nonce) public nonces;
    /// @dev One bit an EIP-3009 nonce: word nonce >> 8, bit nonce & 255. Dense nonces share a word.
    mapping(address authorizer => mapping(uint256 word => uint256 bits)) internal _authorisationBits;

    /// @notice The nonce moved money; the Transfer follows.
    event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce);
    /// @notice The nonce will never move money.
    event AuthorizationCanceled(address indexed authorizer, bytes32 indexed nonce);

    /// @notice Malformed, malleable, or not of the account that it must be of.
    error InvalidSignature();
    /// @notice Seconds since 1970 have passed `deadline`.
    error SignatureExpired(uint256 deadline);
    /// @notice It counts only after `validAfter`, seconds since 1970.
    error AuthorizationNotYetValid(uint256 validAfter);
    /// @notice It counted only before `validBefore`, seconds since 1970.
    error AuthorizationExpired(uint256 validBefore);
    /// @notice A nonce counts once.
    error AuthorizationUsedOrCanceled(address authorizer, bytes32 nonce);
    /// @notice receiveWithAuthorization is for `to` alone.
    error CallerMustBePayee(address caller);

    /// @notice EIP-712 domain separator, made anew at each call: a fork of the chain has another.
    // solhint-disable-next-line func-name-mixedcase
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparator();
    }

    /// @notice The signing domain (EIP-5267).
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (hex"0f", "KRWToken", "1", block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    /// @notice Whether an EIP-3009 nonce was used or cancelled.
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _authorisationBits[authorizer][uint256(nonce) >> 8] & _bitOf(nonce) != 0;
    }

    /// @notice Anyone submits the owner's signed approval (EIP-2612), `value` in won. Emits Approval.
    ///         Reverts with SignatureExpired or InvalidSignature.
    function permit(address owner_, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        bytes32 hash = keccak256(abi.encode(PERMIT_TYPEHASH, owner_, spender, value, nonces[owner_]++, deadline));
        _requireSigner(owner_, hash, v, r, s);
        _approve(owner_, spender, value);
    }

    /// @notice Anyone submits a transfer that `from` signed (EIP-3009), `value` in won, any 32 bytes as nonce.
    ///         Emits AuthorizationUsed and Transfer. Reverts with AuthorizationNotYetValid, AuthorizationExpired,
    ///         InvalidSignature, AuthorizationUsedOrCanceled, and the errors of transfer.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        _requireInTime(validAfter, validBefore);
        bytes32 hash = keccak256(
            abi.encode(TRANSFER_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        _requireSigner(from, hash, v, r, s);
        _useAuthorisation(from, nonce);
        emit AuthorizationUsed(from, nonce);
        _move(from, to, value);
    }

    /// @notice The payee submits a transfer that `from` signed (EIP-3009), so that nobody else can.
    ///         As transferWithAuthorization; reverts also with CallerMustBePayee.
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        if (to != msg.sender) revert CallerMustBePayee(msg.sender);
        _requireInTime(validAfter, validBefore);
        bytes32 hash =
            keccak256(abi.encode(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce));
        _requireSigner(from, hash, v, r, s);
        _useAuthorisation(from, nonce);
        emit AuthorizationUsed(from, nonce);
        _move(from, to, value);
    }

    /// @notice Anyone submits the authoriser's signed cancellation (EIP-3009). Emits AuthorizationCanceled.
    ///         Reverts with InvalidSignature or AuthorizationUsedOrCanceled.
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 hash = keccak256(abi.encode(CANCEL_AUTHORIZATION_TYPEHASH, authorizer, nonce));
        _requireSigner(authorizer, hash, v, r, s);
        _useAuthorisation(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    function _domainSeparator() internal view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this)));
    }

    /// @dev Zero when the signature is malformed or malleable.
    function _recover(bytes32 structHash, uint8 v, bytes32 r, bytes32 s) internal view returns (address) {
        if (uint256(s) > HIGHEST_S) return address(0);
        return ecrecover(keccak256(abi.encodePacked(hex"1901", _domainSeparator(), structHash)), v, r, s);
    }

    function _requireSigner(address signer, bytes32 structHash, uint8 v, bytes32 r, bytes32 s) internal view {
        address recovered = _recover(structHash, v, r, s);
        if (recovered == address(0) || recovered != signer) revert InvalidSignature();
    }

    /// @dev Both bounds are strict, as EIP-3009 has them.
    function _requireInTime(uint256 validAfter, uint256 validBefore) private view {
        if (block.timestamp <= validAfter) revert AuthorizationNotYetValid(validAfter);
        if (block.timestamp >= validBefore) revert AuthorizationExpired(validBefore);
    }

    function _useAuthorisation(address authorizer, bytes32 nonce) private {
        uint256 bits = _authorisationBits[authorizer][uint256(nonce) >> 8];
        uint256 bit = _bitOf(nonce);
        if (bits & bit != 0) revert AuthorizationUsedOrCanceled(authorizer, nonce);
        _authorisationBits[authorizer][uint256(nonce) >> 8] = bits | bit;
    }

    function _bitOf(bytes32 nonce) private pure returns (uint256) {
        return 1 << (uint256(nonce) & 255);
    }
}
